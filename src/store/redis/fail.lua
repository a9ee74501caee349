-- Counts a failed turn of an unanswered inbound. Returns how many there were, or 0 where it does
-- not wait.
-- KEYS: inbox, failures. ARGV: key, token of this call.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
local count, token = string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '0 -', '^(%d+) (%S+)$')
-- The same call once more, because its answer was lost on the way.
if token == ARGV[2] then return tonumber(count) end
local counted = string.format('%.0f', tonumber(count) + 1)
redis.call('HSET', KEYS[2], ARGV[1], counted .. ' ' .. ARGV[2])
return tonumber(counted)
