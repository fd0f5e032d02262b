DROP TABLE exports;
DROP TABLE prepared_returns;
