-- Stores an inbound. Returns its sequence, or 0 where its key is known.
-- KEYS: state, inbox, known.
-- ARGV: key, token of this call, inbound as JSON, now, oldest time of a known key, and how long
-- Redis keeps the known keys. Times in milliseconds.
local held = redis.call('HGET', KEYS[2], ARGV[1])
if held then
  local sequence, token = string.match(held, '^(%d+) (%S+) ')
  -- The same call once more, because its answer was lost on the way.
  if token == ARGV[2] then return tonumber(sequence) end
  return 0
end
local accepted = redis.call('ZSCORE', KEYS[3], ARGV[1])
if accepted and tonumber(accepted) >= tonumber(ARGV[5]) then return 0 end

local sequence = redis.call('HINCRBY', KEYS[1], 'sequence', 1)
local value = string.format('%.0f', sequence) .. ' ' .. ARGV[2] .. ' ' .. ARGV[3]
redis.call('HSET', KEYS[2], ARGV[1], value)
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[5])
redis.call('PEXPIRE', KEYS[3], ARGV[6])
return sequence
