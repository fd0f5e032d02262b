DROP TABLE dossier_plan_items;
DROP TABLE plan_items;
