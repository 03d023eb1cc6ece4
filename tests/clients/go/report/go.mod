module ceyx.test/report

go 1.23
