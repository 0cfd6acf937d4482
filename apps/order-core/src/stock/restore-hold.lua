#!lua flags=allow-oom
-- Restores the record of an order that Redis has lost. Counters stay unchanged: whether they still include it cannot be
-- known here.
--
-- KEYS  1 meta  2 holds  3 slots  4 ledger  5 the order's hold   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2 order   3 state: pending | sold | released   4 request hash   5 buyer
--       6 slot 7 '1': the slot stays bound to it 8 deadline of the hold (ms) 9 currency 10 "sku|quantity|priceMinor,…"
-- Returns restored · unchanged (it is known) · rebuild
--- @include "./epoch.inc.lua"
local state, heldIn = unpack(redis.call('HMGET', KEYS[5], 'state', 'epoch'))
if state and heldIn == epoch or redis.call('HEXISTS', KEYS[4], ARGV[2]) == 1 then return 'unchanged' end
-- A rebuild keeps only the slot of a sold order.
if ARGV[3] == 'sold' and redis.call('HGET', KEYS[3], ARGV[6]) == ARGV[2] then return 'unchanged' end
redis.call('DEL', KEYS[5])
redis.call('HSET', KEYS[5], 'state', ARGV[3], 'hash', ARGV[4], 'epoch', epoch, 'buyer', ARGV[5], 'slot', ARGV[6])
if ARGV[7] == '1' then redis.call('HSET', KEYS[3], ARGV[6], ARGV[2]) end
if ARGV[3] == 'pending' then
  redis.call('HSET', KEYS[5], 'currency', ARGV[9], 'lines', ARGV[10])
  redis.call('ZADD', KEYS[2], ARGV[8], ARGV[2])
end
return 'restored'
