# Trạng thái hồ sơ đang chờ ai: `waiting-<code>`.
waiting-submit = Hoàn thiện và trình hồ sơ
waiting-supplement = Bổ sung hồ sơ
waiting-report = Báo cáo kết quả
waiting-close = Kết thúc hồ sơ
waiting-override = Trả lời đề nghị ngoại lệ: { $rule }
