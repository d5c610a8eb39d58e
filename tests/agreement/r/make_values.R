# Makes readings.csv and r_values.csv: what R says of them, for the tests beside this folder.
# Needs Debian's r-base-core, r-cran-psych and r-cran-vcd. Run from this folder: Rscript make_values.R
# It is run by a person when a definition changes, never by the tests.

suppressPackageStartupMessages({ library(psych); library(vcd) })
set.seed(20261122)

# Forty bones, three readers with bias and noise, on Thacher's half grades; some readings missing.
true <- pmin(pmax(rgamma(40, 1.4, 1.6), 0), 2)
read <- function(bias, noise) pmin(pmax(round(2 * (true + bias + rnorm(40, 0, noise))) / 2, 0), 2)
grades <- data.frame(unit = 1:40, a = read(0, 0.25), b = read(0.2, 0.35), c = read(-0.1, 0.3))
grades$b[c(3, 17)] <- NA
grades$c[c(17, 29, 31)] <- NA
grades$severity <- round(pmin(pmax(true / 2 + rnorm(40, 0, 0.12), 0), 1), 2)
grades$alp <- round(exp(6 + 0.6 * true + rnorm(40, 0, 0.4)))
write.csv(grades, "readings.csv", row.names = FALSE, na = "", quote = FALSE)

out <- data.frame(name = character(), value = numeric(), made_by = character())
say <- function(name, value, made_by) out[nrow(out) + 1, ] <<- list(name, as.numeric(value), made_by)

icc_of <- function(name, table) {
  found <- psych::ICC(table, lmer = FALSE, alpha = 0.05)$results
  for (kind in c("ICC2", "ICC3")) {
    row <- found[found$type == kind, ]
    say(paste(name, kind, "value", sep = "."), row$ICC, "psych::ICC(lmer=FALSE)")
    say(paste(name, kind, "low", sep = "."), row[["lower bound"]], "psych::ICC(lmer=FALSE)")
    say(paste(name, kind, "high", sep = "."), row[["upper bound"]], "psych::ICC(lmer=FALSE)")
  }
}
shrout <- matrix(c(9,2,5,8, 6,1,3,2, 8,4,6,8, 7,1,2,6, 10,5,6,9, 6,2,4,7), ncol = 4, byrow = TRUE)
icc_of("shrout_fleiss", shrout)
icc_of("complete", na.omit(grades[, c("a", "b", "c")]))

labels <- seq(0, 2, 0.5)
table_of <- function(x, y) table(factor(x, labels), factor(y, labels))
rank <- outer(1:5, 1:5, function(i, j) abs(i - j) / 4)
weights <- list(linear = 1 - rank, quadratic = 1 - rank^2)
for (pair in list(c("a", "b"), c("a", "c"), c("b", "c"))) {
  counts <- table_of(grades[[pair[1]]], grades[[pair[2]]])
  for (kind in names(weights)) {
    name <- paste("kappa", pair[1], pair[2], kind, sep = ".")
    found <- psych::cohen.kappa(unclass(counts), w = weights[[kind]])
    say(name, found$weighted.kappa, "psych::cohen.kappa")
    type <- if (kind == "linear") "Equal-Spacing" else "Fleiss-Cohen"
    other <- vcd::Kappa(counts, weights = type)$Weighted
    say(paste0(name, ".vcd"), other[["value"]], "vcd::Kappa")
    say(paste0(name, ".se"), other[["ASE"]], "vcd::Kappa")
  }
}
data(SexualFun)
fun <- vcd::Kappa(SexualFun)$Weighted
say("sexual_fun.linear", fun[["value"]], "vcd::Kappa(SexualFun)")
say("sexual_fun.linear.se", fun[["ASE"]], "vcd::Kappa(SexualFun)")
say("sexual_fun.quadratic", vcd::Kappa(SexualFun, weights = "Fleiss-Cohen")$Weighted[["value"]], "vcd::Kappa")

apart <- na.omit(grades$a - grades$b)
test <- t.test(apart)
say("apart.bias", mean(apart), "base")
say("apart.sd", sd(apart), "base")
say("apart.bias.low", test$conf.int[1], "t.test")
say("apart.bias.high", test$conf.int[2], "t.test")

for (cut in c(0.5, 1, 1.5)) {
  ill <- grades$a >= cut
  w <- suppressWarnings(wilcox.test(grades$severity[ill], grades$severity[!ill]))$statistic
  say(paste0("auc.", cut), w / (sum(ill) * sum(!ill)), "wilcox.test")
}
say("spearman", cor(grades$a, log(grades$alp), method = "spearman"), "cor")
fit <- coef(lm(I(a / 2) ~ severity, grades))
say("calibration.intercept", fit[1], "lm")
say("calibration.slope", fit[2], "lm")
say("clopper.low.20", binom.test(20, 20)$conf.int[1], "binom.test")

write.table(format(out, digits = 15), "r_values.csv", sep = ",", row.names = FALSE, quote = FALSE)
cat(R.version.string, "psych", as.character(packageVersion("psych")), "vcd", as.character(packageVersion("vcd")), "\n",
    file = "versions.txt")
