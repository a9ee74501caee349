-- Stores an inbound. Returns its sequence, or 0 where its key is known.
-- KEYS: state, inbox, known, buried, addresses.
-- ARGV: key, token of this call, inbound as JSON, now, oldest time of a known key, how long
-- Redis keeps the known keys, and the address that leads here. Times in milliseconds.
redis.call('SADD', KEYS[5], ARGV[7])
local held = redis.call('HGET', KEYS[2], ARGV[1])
if held then
  local sequence, token = string.match(held, '^(%d+) (%S+) ')
  -- The same call once more, because its answer was lost on the way.
  if token == ARGV[2] then return tonumber(sequence) end
  return 0
end
if redis.call('HEXISTS', KEYS[4], ARGV[1]) == 1 then return 0 end
local accepted = redis.call('ZSCORE', KEYS[3], ARGV[1])
if accepted and tonumber(accepted) >= tonumber(ARGV[5]) then return 0 end

local sequence = redis.call('HINCRBY', KEYS[1], 'sequence', 1)
local place = string.format('%.0f', sequence)
local value = table.concat({ place, ARGV[2], ARGV[4], ARGV[3] }, ' ')
redis.call('HSET', KEYS[2], ARGV[1], value)
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[5])
redis.call('PEXPIRE', KEYS[3], ARGV[6])
return sequence
