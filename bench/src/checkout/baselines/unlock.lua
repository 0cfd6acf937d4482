-- Releases a lock, unless its lease has ended and another client holds it.
-- KEYS[1] the lock   ARGV[1] the holder's token
-- Returns 1 when it was released, 0 when it was not ours any more. Safe to run twice.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
