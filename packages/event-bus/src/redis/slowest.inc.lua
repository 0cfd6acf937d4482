-- Included by scripts that trim streams: returns the group that is furthest behind in a partition, and its id; '' and
-- nil where no group is registered.
local function milliseconds(id)
  return tonumber(string.match(id, '^%d+'))
end

local function earlier(a, b)
  local aMs, bMs = milliseconds(a), milliseconds(b)
  if aMs ~= bMs then return aMs < bMs end
  return tonumber(string.match(a, '%d+$')) < tonumber(string.match(b, '%d+$'))
end

local function slowest(offsets)
  local group, least = '', nil
  local all = redis.call('HGETALL', offsets)
  for o = 1, #all, 2 do
    if not least or earlier(all[o + 1], least) then
      group, least = all[o], all[o + 1]
    end
  end
  return group, least
end
