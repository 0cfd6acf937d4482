-- The orders of these holds are committed: `reserved` becomes `pending`. In any other state nothing changes.
--
-- KEYS  1 meta  2 holds  3… per order: its hold   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2… per order: order, deadline of the hold (ms)   (256 orders at most)
-- Returns { per order: pended · unchanged · unknown }, or rebuild
local epoch, runId = string.match(redis.call('HGET', KEYS[1], 'epoch') or '', '^(%d+):(.+)$')
if runId ~= ARGV[1] then return 'rebuild' end
local outcomes = {}
for i = 3, #KEYS do
  local state, heldIn = unpack(redis.call('HMGET', KEYS[i], 'state', 'epoch'))
  if not state or heldIn ~= epoch then
    outcomes[i - 2] = 'unknown'
  elseif state ~= 'reserved' then
    outcomes[i - 2] = 'unchanged'
  else
    redis.call('ZADD', KEYS[2], ARGV[2 * i - 3], ARGV[2 * i - 4])
    redis.call('HSET', KEYS[i], 'state', 'pending')
    -- The row in Postgres has them from here on.
    redis.call('HDEL', KEYS[i], 'method', 'email', 'trace', 'attempt')
    outcomes[i - 2] = 'pended'
  end
end
return outcomes
