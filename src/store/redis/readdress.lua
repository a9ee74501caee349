-- Replaces an outbox entry that is still as it was read. Returns whether it is as wished.
-- KEYS: entry. ARGV: the old JSON, the new JSON.
local found = redis.call('HGET', KEYS[1], 'entry')
if found == ARGV[1] then redis.call('HSET', KEYS[1], 'entry', ARGV[2]) end
if found == ARGV[1] or found == ARGV[2] or not found then return 1 end
return 0
