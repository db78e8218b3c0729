# What R says of the factors of items that touchsim is held against; called by tests/study/write.py:
#   Rscript factors.R survey.csv factors.json
# The survey is the kit's own (tests/equations/survey.csv): the items of three and of nine scales.

suppressMessages({library(psych); library(GPArotation); library(jsonlite)})
files <- commandArgs(trailingOnly = TRUE)
survey <- read.csv(files[1])
short <- c("PI", "WA", "EU", "CU", "CO", "SE", "OF", "RS", "ER")
few <- survey[paste0(rep(c("OF", "RS", "ER"), each = 3), 1:3)]
many <- survey[paste0(rep(short, each = 3), 1:3)]
fine <- list(opt = list(factr = 1, pgtol = 0, maxit = 3000), rotate = list(eps = 1e-16))

extracted <- function(items, q) {
  fit <- factanal(items, q, rotation = "varimax", control = fine)
  plain <- factanal(items, q, rotation = "none", control = fine)
  l <- unclass(plain$loadings)
  turned <- GPArotation::oblimin(l, eps = 1e-8, maxit = 5000)
  list(factors = q, uniqueness = unname(fit$uniquenesses), chi2 = unname(fit$STATISTIC), df = fit$dof,
       p = unname(fit$PVAL), varimax = unname(unclass(fit$loadings)), oblimin = unname(unclass(turned$loadings)),
       phi = unname(turned$Phi), complexity = sum(sapply(seq_len(q), function(j)
         sum(unclass(turned$loadings)[, j]^2 * rowSums(unclass(turned$loadings)[, -j, drop = FALSE]^2)))) / 4)
}
by_psych <- function(items, q) {
  fit <- suppressWarnings(fa(items, q, fm = "ml", rotate = "oblimin"))
  list(loadings = unname(unclass(fit$loadings)), phi = unname(fit$Phi), chi2 = fit$STATISTIC, df = fit$dof)
}
judged <- function(items) {
  set.seed(1)
  r <- cor(items)
  png(nullfile())
  drawn <- suppressMessages(fa.parallel(items, fa = "pc", n.iter = 100, quant = .95, plot = FALSE, sim = TRUE))
  map <- vss(r, n = 6, n.obs = nrow(items), plot = FALSE, fm = "pc")$map
  invisible(dev.off())
  sphere <- cortest.bartlett(r, nrow(items))
  list(eigenvalues = drawn$pc.values, simulated = unname(drawn$pc.sim), components = drawn$ncomp, map = map,
       kmo = KMO(r)$MSA, kmo_each = unname(KMO(r)$MSAi), chi2 = sphere$chisq, df = sphere$df, p = sphere$p.value)
}
figures <- list(
  versions = list(R = as.character(getRversion()), psych = as.character(packageVersion("psych")),
                  GPArotation = as.character(packageVersion("GPArotation"))),
  few = list(items = names(few), two = extracted(few, 2), three = extracted(few, 3), psych = by_psych(few, 3),
             judged = judged(few)),
  many = list(items = names(many), nine = extracted(many, 9), psych = by_psych(many, 9),
              judged = judged(many)))
writeLines(toJSON(figures, digits = NA, auto_unbox = TRUE, pretty = TRUE), files[2])
