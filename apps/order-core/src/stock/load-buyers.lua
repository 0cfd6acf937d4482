-- Brings what buyers had bought before a rebuild into a partial stock, so that their next orders are judged by it. Each buyer
-- once: a second call may have read the ledger before orders that Redis counts by now.
--
-- KEYS  1 meta  2 loaded  3 ledger  4 slots  5 units   (see keys.ts)
-- ARGV  1 "n:run_id" that the buyers were not loaded in, from before the ledger was read
--       2 JSON: per buyer (64 at most) [buyer, [order, entry, …], [slot, order, …], ["sku|buyer", units, …]]
-- Returns 1, or 0 when the stock was rebuilt since.
local FIELDS_MAX = 1000
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
local function write(key, entries)
  for from = 1, #entries, FIELDS_MAX do
    redis.call('HSET', key, unpack(entries, from, math.min(from + FIELDS_MAX - 1, #entries)))
  end
end
for _, each in ipairs(cjson.decode(ARGV[2])) do
  local buyer, ledger, slots, units = unpack(each)
  if redis.call('SADD', KEYS[2], buyer) == 1 then
    write(KEYS[3], ledger)
    write(KEYS[4], slots)
    write(KEYS[5], units)
  end
end
return 1
