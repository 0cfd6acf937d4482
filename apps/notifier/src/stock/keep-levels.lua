#!lua flags=allow-oom
-- Writes readings of a sale's stock. Of two readings of an item the newer one counts, so that events may come twice, late
-- or out of order.
--
-- KEYS  1 levels: hash, sku → "version|available|unsold"   2 head: hash, version, at, supply, skus   (see stock-store.ts)
-- ARGV  1 version of the newest event   2 at   3 supply   4 number of items of the sale   5 since which version all of
--       its items were named, or ''   6 how many they were, or ''   7 how long all this is kept (ms)
--       8… per item: sku, version, available, unsold
-- Returns { version before or '0', {version, at, supply} now, {sku, version, available, unsold, …} that changed, {sku, …}
--           that are gone }. The version rises whenever something changed. No item is gone while fewer than all were read
--           since: events that named others were lost.
local levels, head = KEYS[1], KEYS[2]
local before = redis.call('HGET', head, 'version') or '0'
local changed, gone = {}, {}
for i = 8, #ARGV, 4 do
  local sku, version, available, unsold = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local knownVersion, known = string.match(redis.call('HGET', levels, sku) or '', '^(%d+)|(.+)$')
  if not knownVersion or tonumber(knownVersion) < tonumber(version) then
    local level = available .. '|' .. unsold
    redis.call('HSET', levels, sku, version .. '|' .. level)
    if known ~= level then
      for _, each in ipairs({ sku, version, available, unsold }) do changed[#changed + 1] = each end
    end
  end
end
if ARGV[5] ~= '' then
  local all, older = redis.call('HGETALL', levels), {}
  for i = 1, #all, 2 do
    if tonumber(string.match(all[i + 1], '^%d+')) < tonumber(ARGV[5]) then older[#older + 1] = all[i] end
  end
  if #all / 2 - #older >= tonumber(ARGV[6]) then
    gone = older
    for _, sku in ipairs(gone) do redis.call('HDEL', levels, sku) end
  end
end
if tonumber(before) < tonumber(ARGV[1]) then
  redis.call('HSET', head, 'version', ARGV[1], 'at', ARGV[2], 'supply', ARGV[3], 'skus', ARGV[4])
elseif #changed > 0 or #gone > 0 then
  redis.call('HINCRBY', head, 'version', 1)
end
redis.call('PEXPIRE', levels, ARGV[7])
redis.call('PEXPIRE', head, ARGV[7])
return { before, redis.call('HMGET', head, 'version', 'at', 'supply'), changed, gone }
