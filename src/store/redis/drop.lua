-- Forgets a dead letter. Returns 1, or 0 where it is not buried.
-- KEYS: state, buried. ARGV: key, token of this call.
if redis.call('HDEL', KEYS[2], ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'dropped', ARGV[2])
  return 1
end
-- The same call once more, because its answer was lost on the way.
if redis.call('HGET', KEYS[1], 'dropped') == ARGV[2] then return 1 end
return 0
