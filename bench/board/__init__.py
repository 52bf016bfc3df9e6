"""The board under load, in a real browser on a real installation: python -m bench.board, python -m bench.board.day."""
