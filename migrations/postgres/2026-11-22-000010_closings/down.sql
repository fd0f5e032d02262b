DROP TABLE hand_overs;
DROP TABLE closing_files;
DROP TABLE closings;
