-- Forgets all of a conversation, unless it has an entry that is not named. Returns 1 if it was
-- there, 0 if not, -1 if nothing was done.
-- KEYS: state, pending, ended, the other keys of the conversation, and those of its entries.
-- ARGV: the ids of the entries.
local named = {}
for _, id in ipairs(ARGV) do named[id] = true end
for _, id in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  if not named[id] then return -1 end
end
for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  if not named[id] then return -1 end
end
local existed = redis.call('EXISTS', KEYS[1])
for _, key in ipairs(KEYS) do redis.call('DEL', key) end
return existed
