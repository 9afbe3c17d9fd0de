"""Learning from pictures: backbones, recurrent heads, training, and running what was trained."""
