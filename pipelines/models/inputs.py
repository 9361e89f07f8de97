"""The samples of a dataset made into what a network takes: images, columns or text, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.datasets import Dataset
from pipelines.errors import ContractError, nearest
from pipelines.images import EncodedImages, Images, Pixels
from pipelines.models.batches import BATCH
from pipelines.models.model import Model
from pipelines.models.network import Array, Batch, Taken, Traits

GREY = np.array([0.299, 0.587, 0.114], np.float32)  # luminance of red, green and blue (ITU-R BT.601)


@dataclass(frozen=True)
class Feed:
    """The batches of a dataset: `used` says how they are made, `inferred` which of that was not told."""

    batches: Callable[[], Iterator[Batch]]
    used: dict[str, Any]
    inferred: tuple[str, ...] = ()


def feed(model: Model, dataset: Dataset, traits: Traits) -> Feed:
    """Return the batches that a network takes; raise `ContractError` for what settings have to say."""
    if traits.inputs:
        return _several(model, dataset, traits)
    given = model.settings.input.kind or _kind(model, dataset, traits)
    if given == "columns":
        return _columns(model, dataset, traits)
    if given == "text":
        return _text(model, dataset, traits)
    if dataset.images is None:
        what = f'looks at images and dataset "{dataset.name}" has none'
        raise ContractError(model.where, what, 'name its column with roles = {image = "…"}')
    return _images(model, dataset.images, traits)


def _kind(model: Model, dataset: Dataset, traits: Traits) -> str:
    """Return what the network is given, where the settings do not say."""
    features = model.settings.features
    if features == ("image",) and dataset.images is not None and "image" not in dataset.rows.column_names:
        return "images"
    if features:
        return "columns"
    if traits.takes or traits.dtype == "text":
        return traits.takes or "text"
    # What takes numbers does not read text, so that texts beside the images leave no doubt.
    return "images" if dataset.images is not None else "text" if "text" in dataset.roles else "columns"


# Columns and text --------------------------------------------------------------------------------


def _columns(model: Model, dataset: Dataset, traits: Traits) -> Feed:
    features = model.settings.features or traits.names
    names = dataset.rows.column_names
    if not features:
        given = {dataset.roles.get(role) for role in ("id", "label", "prediction", "confidence")}
        schema = dataset.rows.schema
        numeric = [field.name for field in schema if _is_number(field.type) and field.name not in given]
        what = f'does not say which columns of dataset "{dataset.name}" it reads'
        hint = f"name them in the order it was made with: features = […]; numbers: {', '.join(numeric[:12])}"
        raise ContractError(model.where, what, hint)
    problems = [
        ContractError(
            model.where, f'features name column "{name}", which is not there', nearest(name, names[:40])
        )
        for name in features
        if name not in names
    ]
    if problems:
        raise ContractError.together(problems)
    _check_width(model, dataset, traits, features)

    def batches() -> Iterator[Batch]:
        for start in range(0, dataset.rows.num_rows, BATCH):
            rows = dataset.rows.slice(start, BATCH)
            columns = {name: _array(model, name, rows[name]) for name in features}
            lists = [column for column in columns.values() if column.ndim > 1]
            yield lists[0] if lists and len(columns) == 1 else columns

    inferred = () if model.settings.features else ("features",)
    return Feed(batches, {"kind": "columns", "features": list(features)}, inferred)


def _check_width(model: Model, dataset: Dataset, traits: Traits, features: tuple[str, ...]) -> None:
    wanted = traits.shape[1] if traits.shape is not None and len(traits.shape) == 2 else None
    is_list = any(pa.types.is_list(dataset.rows.schema.field(name).type) for name in features)
    if is_list and len(features) > 1:
        what = "features mix a column of lists with others"
        raise ContractError(model.where, what, "name one column of lists, or columns of numbers")
    if wanted is not None and not traits.names and not is_list and wanted != len(features):
        what = f"takes {wanted} columns and features name {len(features)}"
        raise ContractError(model.where, what, "name them all, in the order the model was made with")


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def _array(model: Model, name: str, column: pa.ChunkedArray) -> Array:
    """Return numbers (missing ones as NaN), strings (missing ones as None), or lists as a matrix."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if _is_number(kind):
        plain = column.cast(pa.float64()) if column.null_count or pa.types.is_boolean(kind) else column
        numbers: Array = plain.to_numpy()
        return numbers
    if pa.types.is_string(kind):
        return np.array(column.cast(pa.string()).to_pylist(), object)
    if pa.types.is_list(kind) and _is_number(kind.value_type):
        lengths = {None if row is None else len(row) for row in column.to_pylist()}
        if len(lengths) == 1 and None not in lengths:
            return np.array(column.to_pylist(), np.float32)
        raise ContractError(model.where, f'column "{name}" has lists of different lengths, or missing ones')
    hint = "name columns of numbers or text in features"
    raise ContractError(model.where, f'column "{name}" is {column.type}, which no model takes', hint)


def _text(model: Model, dataset: Dataset, traits: Traits) -> Feed:
    column = dataset.role("text")
    if column is None:
        what = f'reads text and dataset "{dataset.name}" has none'
        raise ContractError(model.where, what, 'name its column with roles = {text = "…"}')
    if traits.dtype != "text" and traits.takes != "text":
        what = f"takes {traits.dtype} and not text"
        raise ContractError(model.where, what, "make numbers of the text beforehand, and name their columns")
    rank = 1 if traits.shape is None else len(traits.shape)

    def batches() -> Iterator[Batch]:
        for start in range(0, len(column), BATCH):
            texts = column.slice(start, BATCH).cast(pa.string()).to_pylist()
            strings = np.array(["" if text is None else text for text in texts], object)
            yield strings.reshape(-1, *[1] * (rank - 1))

    return Feed(batches, {"kind": "text", "column": dataset.roles["text"]})


# Several arrays ----------------------------------------------------------------------------------


def _several(model: Model, dataset: Dataset, traits: Traits) -> Feed:
    """Return the batches of a network that takes several arrays: for each a column, or the images."""
    columns = _sources(model, dataset, traits)
    pictures = [taken for taken in traits.inputs if columns[taken.name] is None]
    made = {taken.name: _images_for(model, dataset.images, traits, taken) for taken in pictures}

    def batches() -> Iterator[Batch]:
        done = 0
        for count, images in _pictures(made, dataset.rows.num_rows):
            rows = dataset.rows.slice(done, count)
            yield {
                name: images[name] if column is None else _array(model, column, rows[column])
                for name, column in columns.items()
            }
            done += count

    used = {"kind": "columns", "features": [column or "image" for column in columns.values()]}
    for feed_of in made.values():
        used |= {key: value for key, value in feed_of.used.items() if key != "kind"}
    inferred = {name for feed_of in made.values() for name in feed_of.inferred}
    told = () if model.settings.features else ("features",)
    return Feed(batches, used, (*told, *sorted(inferred)))


def _sources(model: Model, dataset: Dataset, traits: Traits) -> dict[str, str | None]:
    """Return for each array the column that it is made of, None for the images.

    What `features` name in order, else the arrays' own names, are columns or roles of the dataset.
    """
    names = tuple(taken.name for taken in traits.inputs)
    listed, features = ", ".join(names), model.settings.features
    hint = f"name a column or a role for each, in this order: features = […] for {listed}"
    if features and len(features) != len(names):
        what = f"takes {len(names)} arrays ({listed}) and features name {len(features)}"
        raise ContractError(model.where, what, hint)
    if model.settings.input.kind:
        what = f"takes {len(names)} arrays ({listed}), and input.kind says what a single one is"
        raise ContractError(model.where, what, f"leave it out; {hint}")
    wanted = features or names
    known = [*dataset.rows.column_names, *dataset.roles, *(["image"] if dataset.images else [])]
    problems = [
        ContractError(
            model.where,
            f'takes {len(names)} arrays ({listed}); "{name}" is no column and no role of '
            f'dataset "{dataset.name}"',
            f"{hint}; {nearest(name, dict.fromkeys(known[:40]))}",
        )
        for name in wanted
        if name not in known
    ]
    if problems:
        raise ContractError.together(problems)
    columns = dataset.rows.column_names
    found = [name if name in columns else dataset.roles.get(name) for name in wanted]
    return dict(zip(names, found, strict=True))


def _images_for(model: Model, images: Images | None, traits: Traits, taken: Taken) -> Feed:
    """Return the batches of images for one of several arrays."""
    if images is None:
        message = "the dataset has no images"
        raise ValueError(message)
    return _images(model, images, replace(traits, shape=taken.shape, dtype=taken.dtype or traits.dtype))


def _pictures(made: Mapping[str, Feed], total: int) -> Iterator[tuple[int, dict[str, Array]]]:
    """Yield how many samples the next batch has, and the images of each array for them."""
    if not made:
        yield from ((min(BATCH, total - start), {}) for start in range(0, total, BATCH))
        return
    for images in zip(*(feed_of.batches() for feed_of in made.values()), strict=True):
        named = dict(zip(made, images, strict=True))
        yield len(images[0]), {name: batch for name, batch in named.items() if isinstance(batch, np.ndarray)}


# Images ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """How pixels become numbers: `shape` is height, width, channels; `range` what 0 and 255 become."""

    shape: tuple[int, int, int]
    layout: str
    order: str
    range: tuple[float, float]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    dtype: str

    def apply(self, pixels: Pixels) -> Array:
        """Return images, uint8 of shape (some, height, width, channels), as the network takes them."""
        values: Array = _coloured(pixels, self.shape[2]).astype(np.float32)
        low, high = self.range
        if (low, high) != (0, 255):
            values = np.float32(low) + values * np.float32((high - low) / 255)
        if self.order == "bgr":
            values = values[..., ::-1]
        if self.mean:
            values = values - np.array(self.mean, np.float32)
        if self.std:
            values = values / np.array(self.std, np.float32)
        placed = _placed(values, self.layout)
        whole = np.dtype(self.dtype).kind in "iu"
        return np.ascontiguousarray((np.rint(placed) if whole else placed).astype(self.dtype))


def _placed(values: Array, layout: str) -> Array:
    """Return images of shape (some, height, width, channels) with their axes as a layout has them."""
    match layout:
        case "channels_first":
            return values.transpose(0, 3, 1, 2)
        case "flat":
            return values.reshape(len(values), -1)
        case "plain":
            first: Array = values[..., 0]
            return first
        case _:
            return values


def _coloured(pixels: Pixels, channels: int) -> Array:
    if pixels.shape[3] == channels:
        return pixels
    if channels == 3:
        return np.repeat(pixels, 3, axis=3)
    grey: Array = np.rint(pixels[..., :3].astype(np.float32) @ GREY)[..., None]
    return grey


def _images(model: Model, images: Images, traits: Traits) -> Feed:
    recipe, inferred = _recipe(model, images.shape, traits)
    found = sized(images, (*recipe.shape[:2], images.shape[2]))

    def batches() -> Iterator[Batch]:
        return (recipe.apply(pixels) for pixels in found.batches())

    used: dict[str, Any] = {
        "kind": "images",
        "size": list(recipe.shape[:2]),
        "channels": recipe.shape[2],
        "layout": recipe.layout,
        "range": list(recipe.range),
        **({"order": recipe.order} if recipe.shape[2] == 3 else {}),
        **({"mean": list(recipe.mean)} if recipe.mean else {}),
        **({"std": list(recipe.std)} if recipe.std else {}),
    }
    return Feed(batches, used, inferred)


def _recipe(model: Model, there: tuple[int, int, int], traits: Traits) -> tuple[Recipe, tuple[str, ...]]:
    """Return how images are made into what the network takes, and which parts of it were inferred."""
    given = model.settings.input
    layout = given.layout or _layout(traits)
    height, width, channels = _sides(traits.shape, layout)
    size = given.size or (height or there[0], width or there[1])
    shape = (size[0], size[1], given.channels or channels or there[2])
    _check_shape(model, shape, traits.shape, layout)
    for key, values in (("mean", given.mean), ("std", given.std)):
        if len(values) not in (0, 1, shape[2]):
            what = f"input.{key} has {len(values)} numbers for {shape[2]} channel(s)"
            raise ContractError(model.where, what, "write one number, or one per channel")
    scale = given.range or traits.pixel_range or _whole_range(traits)
    if not scale:
        what = "cannot know which numbers it takes pixels as"
        hint = "write what 0 and 255 become: input = {range = [0, 1]}, or [-1, 1], or [0, 255]"
        raise ContractError(model.where, what, hint)
    told = {"size": given.size, "channels": given.channels, "layout": given.layout, "range": given.range}
    recipe = Recipe(
        shape, layout, given.order, (scale[0], scale[1]), given.mean, given.std, _image_dtype(model, traits)
    )
    return recipe, tuple(f"input.{key}" for key, value in told.items() if not value)


def _image_dtype(model: Model, traits: Traits) -> str:
    if traits.dtype == "text":
        hint = 'write input = {kind = "text"}, or features = […]'
        raise ContractError(model.where, "takes text and not images", hint)
    return traits.dtype


def _whole_range(traits: Traits) -> tuple[float, ...]:
    return (0, 255) if traits.dtype == "uint8" else ()


def _layout(traits: Traits) -> str:
    """Return where the channels are in a batch of the network's shape."""
    shape = traits.shape
    if shape is None:
        return "channels_last" if traits.channels_last else "channels_first"
    if len(shape) < 4:
        return {2: "flat", 3: "plain"}.get(len(shape), "flat")
    is_first, is_last = shape[1] in (1, 3), shape[3] in (1, 3)
    if is_first == is_last:
        return "channels_last" if traits.channels_last else "channels_first"
    return "channels_first" if is_first else "channels_last"


def _sides(shape: tuple[int | None, ...] | None, layout: str) -> tuple[int | None, int | None, int | None]:
    """Return height, width and channels as far as the network's shape says them."""
    if shape is None or layout == "flat":
        return None, None, None
    if len(shape) == 3:
        return shape[1], shape[2], 1
    if len(shape) != 4:
        return None, None, None
    return (shape[2], shape[3], shape[1]) if layout == "channels_first" else (shape[1], shape[2], shape[3])


def _check_shape(
    model: Model, made: tuple[int, int, int], wanted: tuple[int | None, ...] | None, layout: str
) -> None:
    """Raise `ContractError` when images of this shape are not what the network takes."""
    if wanted is None:
        return
    height, width, channels = made
    shapes = {
        "channels_first": (channels, height, width),
        "channels_last": (height, width, channels),
        "flat": (height * width * channels,),
        "plain": (height, width),
    }
    found = shapes[layout]
    fits = len(found) == len(wanted) - 1 and all(
        want in (None, size) for size, want in zip(found, wanted[1:], strict=True)
    )
    if not fits or (layout == "plain" and channels != 1):
        shown = ", ".join("any" if side is None else str(side) for side in wanted[1:])
        what = f"takes arrays of shape ({shown}), the images would be ({', '.join(map(str, found))})"
        raise ContractError(
            model.where, what, "see input = {size = [height, width], channels = 1, layout = …}"
        )


@dataclass(frozen=True)
class SizedImages:
    """Images fitted into another height and width, centred on black, as a dataset fits its own."""

    images: Images
    shape: tuple[int, int, int]

    @property
    def lossless(self) -> bool:
        """False: pixels are mixed."""
        return False

    def batches(self) -> Iterator[Pixels]:
        """Yield arrays of shape (some images, height, width, channels)."""
        for batch in self.images.batches():
            yield np.stack([self._fitted(pixels) for pixels in batch])

    def originals(self) -> Iterator[list[bytes]]:
        """Yield the images as they were before they were fitted."""
        yield from self.images.originals()

    def _fitted(self, pixels: Pixels) -> Pixels:
        from PIL import Image, ImageOps

        height, width, _ = self.shape
        picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
        fitted = ImageOps.pad(picture, (width, height), Image.Resampling.LANCZOS)
        return np.asarray(fitted, np.uint8).reshape(self.shape)


def sized(images: Images, shape: tuple[int, int, int]) -> Images:
    """Return the same images with another height and width; encoded ones are decoded to it afresh."""
    if images.shape == shape:
        return images
    return replace(images, shape=shape) if isinstance(images, EncodedImages) else SizedImages(images, shape)
