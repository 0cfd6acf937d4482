-- Included by every script that needs the time: that of ARGV[1] in ms, or Redis' own where it is ''.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
