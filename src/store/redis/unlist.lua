-- Takes a conversation off the list of those that may have a backlog, unless it has changed since.
-- KEYS: active. ARGV: conversation, the time after which a change counts (milliseconds).
local changed = redis.call('ZSCORE', KEYS[1], ARGV[1])
if changed and tonumber(changed) <= tonumber(ARGV[2]) then
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
