"""Agreement of readers, machine and time: statistics, resampling, study design and the validation report."""
