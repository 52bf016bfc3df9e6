"""The engines that search: PyVRP, OR-Tools, our repair, and the portfolio that runs them."""
