#!lua flags=allow-oom
-- Marks a slot as given back because its buyer is done. It returns as `finished` once its admission is revoked, as a slot
-- of a buyer who leaves does. An order of the order core that holds the slot ends it instead.
--
-- KEYS  sale, active, unclaimed, held, leaving, finishing
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 slot
-- Returns 'missing' | 'lost' (to be recovered first) | 'finishing' | 'known': it was given back before
--       | 'ordered': an order holds it | 'gone': it has returned, or never was
--- @include "../redis/ends.inc.lua"
local sale, active, unclaimed, held, leaving, finishing = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local slot = ARGV[3]
local run = redis.call('HGET', sale, 'run')
if not run then return 'missing' end
if run ~= ARGV[2] then return 'lost' end

if not redis.call('ZSCORE', active, slot) then return 'gone' end
local holdEnd = string.match(redis.call('HGET', held, slot) or '', '^%S+ %d+ (%d+)')
if (tonumber(holdEnd) or 0) > now then return 'ordered' end
if redis.call('ZADD', leaving, 'NX', now, slot) == 0 then return 'known' end
redis.call('SADD', finishing, slot)
redis.call('ZREM', unclaimed, slot)
redis.call('HSET', sale, 'leaving', redis.call('ZCARD', leaving))
endWithSale(sale, { leaving, finishing }, now)
return 'finishing'
