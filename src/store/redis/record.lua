-- Notes what a channel did with an outbox entry.
-- KEYS: entry, pending, ended.
-- ARGV: id; then `shown`, part, JSON; or `ended`, state, 1 if that is an end, how long an ended
-- entry is kept, now, and the oldest end that is remembered. Times in milliseconds.
if redis.call('EXISTS', KEYS[1]) == 0 then return 'unknown entry' end

if ARGV[2] == 'shown' then
  local part = tonumber(ARGV[3])
  local parts = tonumber(redis.call('HGET', KEYS[1], 'parts') or '0')
  if part > parts then return 'unknown part' end
  redis.call('HSET', KEYS[1], 'shown:' .. ARGV[3], ARGV[4])
  if part == parts then redis.call('HSET', KEYS[1], 'parts', part + 1) end
  return 'done'
end

redis.call('HSET', KEYS[1], 'state', ARGV[3])
if ARGV[4] == '1' then
  redis.call('SREM', KEYS[2], ARGV[1])
  redis.call('ZADD', KEYS[3], ARGV[6], ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[7])
  redis.call('PEXPIRE', KEYS[3], ARGV[5])
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
else
  redis.call('SADD', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  redis.call('PERSIST', KEYS[1])
end
return 'done'
