-- Included by scripts that judge shown tickets. `served` is a bitmap by place: 1 for each place that was admitted,
-- given up or forfeited. After a loss of Redis (`restoreBelow`: places up to this one were given before it) a ticket
-- whose place is not served is put back with its own place, however long ago that was; a served one never is. See
-- docs/adr/0020-served-places.md.
local function isServed(served, place)
  return place > 0 and redis.call('GETBIT', served, place) == 1
end

local function mayRestore(served, place, restoreBelow)
  return place > 0 and place <= (tonumber(restoreBelow) or 0) and not isServed(served, place)
end
