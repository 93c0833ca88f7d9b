-- Sealed. What a dialer signs in with that has no token.
ALTER TABLE "dialers" ADD COLUMN "jwt_credential" TEXT;
