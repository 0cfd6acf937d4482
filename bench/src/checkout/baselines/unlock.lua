-- Gives a lock back, unless its lease ended and it is somebody else's by now.
-- KEYS[1] the lock   ARGV[1] the holder's token
-- Returns 1 when it was given back, 0 when it was not ours any more. Safe to run twice.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
