# Words printed on papers. Official paper is in Vietnamese; these are for comparing.

paper-sex-male = Male
paper-sex-female = Female
paper-sex-unspecified = Unspecified
paper-passport-ordinary = Ordinary
paper-passport-official = Official
paper-passport-diplomatic = Diplomatic
paper-visa-not_needed = Visa not needed
paper-visa-needed = Visa needed
paper-visa-held = Visa held
paper-answer-agrees = agrees
paper-answer-agrees_with_conditions = agrees with conditions
paper-answer-objects = objects
paper-answer-no_answer = no answer in writing
paper-proposal-approve = Proposed to be approved.
paper-proposal-approve_with_conditions = Proposed to be approved under these conditions:
paper-proposal-return = Proposed to be returned for a supplement.
paper-proposal-reject = Proposed to be rejected.
paper-proposal-forward = Proposed to be forwarded to the level above.
paper-draft = DRAFT
paper-approved-here = Approved in the system on { $day }, { $name }. Neither numbered nor signed yet.
