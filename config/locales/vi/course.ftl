# Trạng thái hồ sơ đang chờ ai: `waiting-<code>`.
waiting-submit = Hoàn thiện và trình hồ sơ
waiting-supplement = Bổ sung hồ sơ
waiting-report = Báo cáo kết quả
waiting-close = Kết thúc hồ sơ
waiting-override = Trả lời đề nghị ngoại lệ: { $rule }

# Ai được xem hồ sơ hạn chế
readers-title = Ai được xem hồ sơ này
readers-lead = Hồ sơ hạn chế người xem: chỉ những người dưới đây biết là có hồ sơ. Người xem xét được thêm khi hồ sơ đến lượt họ.
readers-named = Được xem
readers-add = Thêm một đồng nghiệp
readers-name = Cho xem
readers-open = Hồ sơ không hạn chế người xem.
label-account-id = Đồng nghiệp
hint-account-id = Đã cho xem thì không rút lại được.
dossier-readers = Ai được xem
