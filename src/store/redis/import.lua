-- Writes a conversation that is not there, by the commands that say what it holds. Returns 1, or 0
-- where it is there.
-- KEYS: state, and every other key that the commands name.
-- ARGV: token of this call, then each command: how many words it has, and these.
if redis.call('EXISTS', KEYS[1]) == 1 then
  -- The same call once more, because its answer was lost on the way.
  if redis.call('HGET', KEYS[1], 'imported') == ARGV[1] then return 1 end
  return 0
end
local cursor = 2
while cursor <= #ARGV do
  local words = tonumber(ARGV[cursor])
  redis.call(unpack(ARGV, cursor + 1, cursor + words))
  cursor = cursor + 1 + words
end
redis.call('HSET', KEYS[1], 'imported', ARGV[1])
return 1
