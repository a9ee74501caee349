-- Removes a string that has this value. Returns whether it did.
-- KEYS: string. ARGV: value.
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
