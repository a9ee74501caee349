-- One step of a conversation, all or nothing. Returns the new version, or -1 for a conflict.
-- KEYS: state, session, inbox, pending, ledger, then one per outbox entry.
-- ARGV: expected version, token of this call, how long ended entries are kept; the session's
-- change (`keep`, `forget`, or `put` with JSON, end and time to keep); the number of entries, each
-- with id, JSON, state, 1 if it has ended, the number of shown parts and these; the number of
-- ledger events and these; the number of answered keys and these. Times in milliseconds.
-- Nothing is written before the last check: Redis does not undo a script that fails.
local cursor = 0
local function take()
  cursor = cursor + 1
  return ARGV[cursor]
end

local expected, token, keep = take(), take(), take()
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= expected then
  -- The same call once more, because its answer was lost on the way.
  if redis.call('HGET', KEYS[1], 'commit') == token then return tonumber(version) end
  return -1
end

local change = take()
if change == 'put' then
  redis.call('HSET', KEYS[2], 'body', take(), 'expires_at', take())
  redis.call('PEXPIRE', KEYS[2], take())
elseif change == 'forget' then
  redis.call('DEL', KEYS[2])
end

for number = 1, tonumber(take()) do
  local key, id, entry, state, ended = KEYS[5 + number], take(), take(), take(), take()
  local is_new = redis.call('EXISTS', key) == 0
  redis.call('HSET', key, 'entry', entry, 'state', state)
  local parts = tonumber(take())
  for part = 0, parts - 1 do
    local shown = take()
    if is_new then redis.call('HSET', key, 'shown:' .. part, shown, 'parts', part + 1) end
  end
  if ended == '1' then
    redis.call('SREM', KEYS[4], id)
    redis.call('PEXPIRE', key, keep)
  else
    redis.call('SADD', KEYS[4], id)
    redis.call('PERSIST', key)
  end
end

for _ = 1, tonumber(take()) do redis.call('RPUSH', KEYS[5], take()) end
for _ = 1, tonumber(take()) do redis.call('HDEL', KEYS[3], take()) end

redis.call('HSET', KEYS[1], 'commit', token)
return redis.call('HINCRBY', KEYS[1], 'version', 1)
