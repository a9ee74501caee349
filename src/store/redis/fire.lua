-- Moves a timer into the inbox. Returns the inbound's sequence, or 0 where the timer is no longer
-- as it was read, or fired before.
-- KEYS: state, inbox, known, buried, timers, due.
-- ARGV: timer id, timer as JSON, key, token of this call, inbound as JSON, now, oldest time of a
-- known key, and how long Redis keeps the known keys. Times in milliseconds.
local held = redis.call('HGET', KEYS[2], ARGV[3])
if held then
  local sequence, token = string.match(held, '^(%d+) (%S+) ')
  -- The same call once more, because its answer was lost on the way.
  if token == ARGV[4] then return tonumber(sequence) end
end
if redis.call('HGET', KEYS[5], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[5], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])

if held or redis.call('HEXISTS', KEYS[4], ARGV[3]) == 1 then return 0 end
local accepted = redis.call('ZSCORE', KEYS[3], ARGV[3])
if accepted and tonumber(accepted) >= tonumber(ARGV[7]) then return 0 end

local sequence = redis.call('HINCRBY', KEYS[1], 'sequence', 1)
local place = string.format('%.0f', sequence)
local value = table.concat({ place, ARGV[4], ARGV[6], ARGV[5] }, ' ')
redis.call('HSET', KEYS[2], ARGV[3], value)
redis.call('ZADD', KEYS[3], ARGV[6], ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[8])
return sequence
