-- Included by scripts that may write to a sale that is over. All keys of a closed sale end together (project.lua): a
-- key created later gets the same end, or an hour where the sale itself has ended.
local function endWithSale(sale, keys, now)
  local version, endsAt = unpack(redis.call('HMGET', sale, 'version', 'endsAt'))
  if version and not endsAt then return end
  local ms = math.max(1, (tonumber(endsAt) or now + 3600000) - now)
  for _, key in ipairs(keys) do redis.call('PEXPIRE', key, string.format('%.0f', ms), 'NX') end
end
