-- How a company's leads may come in: other names of fields, defaults, forms; null: only as the API has them.
ALTER TABLE "companies" ADD COLUMN "intake" JSONB;
