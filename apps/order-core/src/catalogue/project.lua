#!lua flags=allow-oom
-- Writes the catalogue to Redis: prices, limits, totals; `available` changes by the difference of the totals. An older
-- or equal version changes nothing, so that calls may be lost or repeated: the next one makes up for it.
--
-- KEYS  1 meta  2 items  3 stock   (see stock/keys.ts)
-- ARGV  1 run_id the connection talks to   2 version   3 currency   4… per item: sku, salePriceMinor, perBuyerLimit, total
-- Returns projected · unchanged · rebuild
--- @include "../stock/epoch.inc.lua"
if tonumber(redis.call('HGET', KEYS[1], 'version') or 0) >= tonumber(ARGV[2]) then return 'unchanged' end
local listed = {}
for i = 4, #ARGV, 4 do
  local sku, total = ARGV[i], ARGV[i + 3]
  local before = string.match(redis.call('HGET', KEYS[2], sku) or '', '(%d+)$') or 0
  redis.call('HINCRBY', KEYS[3], sku, total - before)
  redis.call('HSET', KEYS[2], sku, ARGV[i + 1] .. '|' .. ARGV[i + 2] .. '|' .. total)
  listed[sku] = true
end
for _, sku in ipairs(redis.call('HKEYS', KEYS[2])) do
  if not listed[sku] then
    redis.call('HDEL', KEYS[2], sku)
    redis.call('HDEL', KEYS[3], sku)
  end
end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'currency', ARGV[3])
return 'projected'
