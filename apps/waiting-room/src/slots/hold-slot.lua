#!lua flags=allow-oom
-- Moves a slot's deadline with its order: to the end of the order's hold, and back to the admission's own when the
-- order is declined or abandoned. Never before the admission's own: it can start another order until then. An ended
-- slot stays ended. Orders of one slot, and what became of each, may be reported in any order: only the newest order
-- counts, and one that was declined or abandoned is not held again. Moves are logged, for recoveries.
--
-- An order is a sign of life: its slot needs no other claim.
--
-- KEYS  sale, active, slots, unclaimed, held, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 slot   4 order   5 the order's creation (ms)
--       6 end of the hold (ms; 0 = declined or abandoned)
-- Returns 'missing' | 'lost' (to be recovered first) | 'moved' | 'kept'
--- @include "../redis/ends.inc.lua"
local sale, active, slots, unclaimed, held, log = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local slot, order, created = ARGV[3], ARGV[4], tonumber(ARGV[5])
local run = redis.call('HGET', sale, 'run')
if not run then return 'missing' end
if run ~= ARGV[2] then return 'lost' end

redis.call('ZREM', unclaimed, slot)
local before, entry = redis.call('ZSCORE', active, slot), redis.call('HGET', slots, slot)
if not before or not entry then return 'kept' end
local newest, newestCreated, holdEnd = string.match(redis.call('HGET', held, slot) or '', '^(%S+) (%d+) (%d+)')
if newest and newest ~= order and tonumber(newestCreated) > created then return 'kept' end
if newest == order and holdEnd == '0' then return 'kept' end

local place, own = string.match(entry, '^%S+ (%S+) %S+ (%S+)')
local deadline = math.max(tonumber(own), tonumber(ARGV[6]))
redis.call('HSET', held, slot, string.format('%s %.0f %.0f', order, created, tonumber(ARGV[6])))
endWithSale(sale, { held }, now)
if deadline == tonumber(before) then return 'kept' end
redis.call('ZADD', active, 'XX', deadline, slot)
redis.call('XADD', log, '*', 'kind', 'extended', 'at', now, 'place', place, 'slot', slot, 'deadline',
  string.format('%.0f', deadline), 'order', order, 'created', string.format('%.0f', created))
return 'moved'
