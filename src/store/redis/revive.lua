-- Moves a dead letter back into the inbox, at its end. Returns what stands there then, or false
-- where it is not buried.
-- KEYS: state, inbox, buried. ARGV: key, token of this call.
local buried = redis.call('HGET', KEYS[3], ARGV[1])
if not buried then
  -- The same call once more, because its answer was lost on the way.
  local held = redis.call('HGET', KEYS[2], ARGV[1])
  if held and string.match(held, '^%d+ (%S+) ') == ARGV[2] then return held end
  return false
end
local held = string.match(buried, '^[^\n]*\n[^\n]*\n(.*)$')
local sequence = string.format('%.0f', redis.call('HINCRBY', KEYS[1], 'sequence', 1))
local value = table.concat({ sequence, ARGV[2], string.match(held, '^%d+ %S+ (.*)$') }, ' ')
redis.call('HSET', KEYS[2], ARGV[1], value)
redis.call('HDEL', KEYS[3], ARGV[1])
return value
