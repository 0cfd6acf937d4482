-- The order of a hold is committed: `reserved` becomes `pending`. In any other state nothing changes.
--
-- KEYS  1 meta  2 holds  3 the order's hold   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2 order   3 deadline of the hold (ms)
-- Returns pended · unchanged · unknown · rebuild
local epoch, runId = string.match(redis.call('HGET', KEYS[1], 'epoch') or '', '^(%d+):(.+)$')
if runId ~= ARGV[1] then return 'rebuild' end
local state, heldIn = unpack(redis.call('HMGET', KEYS[3], 'state', 'epoch'))
if not state or heldIn ~= epoch then return 'unknown' end
if state ~= 'reserved' then return 'unchanged' end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
redis.call('HSET', KEYS[3], 'state', 'pending')
-- The row in Postgres has them from here on.
redis.call('HDEL', KEYS[3], 'method', 'email', 'trace', 'attempt')
return 'pended'
