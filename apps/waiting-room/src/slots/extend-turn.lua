#!lua flags=allow-oom
-- Extends a buyer's turn: moves the deadline of its admission, and of its slot with it, in one step. Extensions are
-- numbered: a granted number changes nothing, and a higher one grants all up to it, as after a loss of earlier ones.
-- Orders are not judged here: a slot with an order ends with it, and a turn whose order is not known yet may be
-- extended.
--
-- KEYS  sale, active, slots, slotOf, unclaimed, leaving, held, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 buyer   4 number of the extension, from 1
--       5 length of each (ms)   6 maximum length of a turn (ms)   7 its admission ends this long before it (ms)
--       8 maximum number, where the sale does not say   9 the only slot to extend ('' = the buyer's)
-- Returns {'missing'} | {'lost'} (to be recovered first)
--       | {'none'}: no turn, or it is over or given back | {'ordered'} | {'off'}: never in this sale | {'used'}
--       | {'extended' | 'known', slot, "buyer place admittedMs deadlineMs kid extensions"}
--- @include "../redis/ends.inc.lua"
local sale, active, slots, slotOf, unclaimed, leaving, held, log = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local run, extensionsMax = unpack(redis.call('HMGET', sale, 'run', 'extensionsMax'))
if not run then return { 'missing' } end
if run ~= ARGV[2] then return { 'lost' } end

local slot = redis.call('HGET', slotOf, ARGV[3])
if ARGV[9] ~= '' and slot ~= ARGV[9] then return { 'none' } end
local untilMs = slot and tonumber(redis.call('ZSCORE', active, slot))
local entry = untilMs and not redis.call('ZSCORE', leaving, slot) and redis.call('HGET', slots, slot)
if not entry then return { 'none' } end
local buyer, place, begun, own, kid, taken = string.match(entry, '^(%S+) (%S+) (%S+) (%S+) (%S+) ?(%d*)')
local function text(ms) return string.format('%.0f', ms) end
-- Admissions end at whole seconds. A clock that was set back ends the slot before its admission.
local last = math.min(tonumber(own), untilMs) - tonumber(ARGV[7])
if last - last % 1000 <= now then return { 'none' } end

local number = tonumber(ARGV[4])
taken = tonumber(taken) or 0
if number <= taken then return { 'known', slot, entry } end
local order, holdEnd = string.match(redis.call('HGET', held, slot) or '', '^(%S+) %d+ (%d+)')
if order and tonumber(holdEnd) > 0 then return { 'ordered' } end
extensionsMax = tonumber(extensionsMax) or tonumber(ARGV[8])
if extensionsMax == 0 then return { 'off' } end
local longer = (number - taken) * ARGV[5]
local deadline = tonumber(own) + longer
if number > extensionsMax or deadline - tonumber(begun) > tonumber(ARGV[6]) then return { 'used' } end

redis.call('ZREM', unclaimed, slot)
redis.call('ZADD', active, 'XX', text(untilMs + longer), slot)
entry = table.concat({ buyer, place, begun, text(deadline), kid, ARGV[4] }, ' ')
redis.call('HSET', slots, slot, entry)
redis.call('XADD', log, '*', 'kind', 'extended', 'at', now, 'place', place, 'slot', slot, 'buyer', buyer,
  'deadline', text(deadline), 'count', ARGV[4], 'reason', 'asked')
endWithSale(sale, { log }, now)
return { 'extended', slot, entry }
