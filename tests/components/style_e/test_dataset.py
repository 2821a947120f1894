"""Clips for training: from the prepared corpus and from picture-free speech."""

import numpy as np
import pytest

from components.coefficients.calibration import save_attenuation
from components.common.arkit import INDEX, POSE, WEIGHTS
from components.common.artifacts import write_json
from components.common.layout import Layout
from components.style_e.channels import LEARNED, LEARNED_NAMES, OFFSET, REFERENCE
from components.style_e.dataset import fit_frames, quiet_frame, spoken_clips, tracked_clips, tracked_sentences
from tests.components.style_e.corpus_on_disk import SENTENCES, write_corpus


@pytest.fixture
def corpus(tmp_path) -> Layout:
    layout = Layout(tmp_path)
    write_corpus(layout)
    return layout


@pytest.fixture(scope="module")
def bank(tiny):
    from dataclasses import replace

    old = tiny.data.bank
    rows = {**old.rows, SENTENCES[0]: len(old.vectors), SENTENCES[1]: len(old.vectors) + 1}
    return replace(old, vectors=np.concatenate([old.vectors, tiny.encoder.encode(SENTENCES)]), rows=rows)


def test_tracked_clips_follow_split_and_annotation(corpus, bank):
    assert tracked_sentences(corpus) == sorted(SENTENCES)
    clips = tracked_clips(corpus, "train", bank, 16)
    assert [clip.identity for clip in clips] == ["person0", "person1", "person0", "person1"]
    assert len(tracked_clips(corpus, "val", bank, 16)) == 2
    for clip in clips:
        assert len(clip.mel) == 4 * clip.frames == 160
        assert not clip.valid[3]
        # Half of the texts are the clip's own sentences.
        own = np.isin(clip.texts, [bank.rows[text] for text in SENTENCES]).mean()
        assert 0.4 < own < 0.7


def test_tracked_expressions_get_their_true_size(corpus, bank):
    before = tracked_clips(corpus, "train", bank, 16)
    save_attenuation(corpus.regressor, np.full(WEIGHTS, 0.5, np.float32))
    after = tracked_clips(corpus, "train", bank, 16)
    brow, jaw = LEARNED_NAMES.index("browInnerUp"), LEARNED_NAMES.index("jawOpen")
    for old, new in zip(before, after, strict=True):
        np.testing.assert_allclose(new.channels[:, brow], 2 * old.channels[:, brow], atol=1e-6)
        np.testing.assert_array_equal(new.channels[:, jaw], old.channels[:, jaw])


def test_the_cameras_angle_is_not_learned(corpus, bank):
    clips = tracked_clips(corpus, "train", bank, 16)
    yaw = np.concatenate([clip.channels[:, OFFSET.start] for clip in clips])
    assert abs(yaw.mean()) < 0.12  # 0.2 rad of camera are gone


def test_a_rejected_clip_is_left_out(corpus, bank):
    write_json(corpus.rejected, {"clip0": "no face in 40 of 40 frames"})
    assert len(tracked_clips(corpus, "train", bank, 16)) == 3


def test_references_are_the_same_person_in_other_clips(corpus, bank):
    clips = tracked_clips(corpus, "train", bank, 16)
    for clip in clips:
        mates = [c.quiet for c in clips if c.identity == clip.identity and c is not clip]
        for row in clip.references:
            assert any(np.array_equal(row, mate) for mate in mates)
            assert not np.array_equal(row, clip.quiet)


def test_a_picture_free_persons_references_are_half_the_true_rest(tiny):
    clips = spoken_clips(12, 0, 0.0, tiny.data.bank, 8)
    for clip in clips:
        rest = (clip.references == clip.references[0]).all(1)
        assert rest.mean() >= 0.5
        assert clip.references.shape[1] == REFERENCE


def test_the_quiet_frame_has_closed_lips_and_open_eyes():
    rows = np.zeros((4, 58), np.float32)
    rows[:, POSE] = 0.3
    rows[0, INDEX["jawOpen"]] = 0.8
    rows[1, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = 1
    rows[2, INDEX["browInnerUp"]] = 0.5
    valid = np.array([True, True, True, False])
    np.testing.assert_array_equal(quiet_frame(rows, valid), rows[2][LEARNED])


def test_sound_is_fitted_to_the_picture():
    mel = np.arange(20, dtype=np.float32)[:, None].repeat(3, 1)
    assert fit_frames(mel, 4).shape == (16, 3)
    np.testing.assert_array_equal(fit_frames(mel, 6)[20:], np.full((4, 3), 19))
