# Từ ngữ in trên văn bản.

paper-sex-male = Nam
paper-sex-female = Nữ
paper-sex-unspecified = Không rõ
paper-passport-ordinary = Phổ thông
paper-passport-official = Công vụ
paper-passport-diplomatic = Ngoại giao
paper-visa-not_needed = Miễn thị thực
paper-visa-needed = Cần thị thực
paper-visa-held = Đã có thị thực
paper-answer-agrees = đồng ý
paper-answer-agrees_with_conditions = đồng ý với điều kiện
paper-answer-objects = không đồng ý
paper-answer-no_answer = không có văn bản trả lời
paper-proposal-approve = Đề nghị chấp thuận.
paper-proposal-approve_with_conditions = Đề nghị chấp thuận với các điều kiện sau:
paper-proposal-return = Đề nghị trả lại để bổ sung.
paper-proposal-reject = Đề nghị không chấp thuận.
paper-proposal-forward = Đề nghị xin ý kiến cấp trên.
paper-draft = DỰ THẢO
paper-approved-here = Đã duyệt trên hệ thống ngày { $day }, { $name }. Chưa có số và chữ ký.
