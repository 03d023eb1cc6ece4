"""What of fine-tuning may still change."""

from ceyx.resources.fine_tuning.alpha.alpha import Alpha as Alpha, AsyncAlpha as AsyncAlpha
from ceyx.resources.fine_tuning.alpha.graders import AsyncGraders as AsyncGraders, Graders as Graders
