"""Small models as their authors write them in Keras: calls with settings, masks, operations between layers."""

import keras
import numpy as np
from keras import ops

layers = keras.layers


def inputs(*shapes, dtype="float32"):
    made = [keras.Input(shape, dtype=dtype) for shape in shapes]
    return made if len(made) > 1 else made[0]


def on(shape, make, dtype="float32"):
    """A model of one input."""
    data = inputs(shape, dtype=dtype)
    return keras.Model(data, make(data))


def words(length=6):
    return keras.Input((length,), dtype="int32")


def attention(kind, **settings):
    data = inputs((6, 4))
    made = {
        "MultiHeadAttention": lambda: layers.MultiHeadAttention(2, 4)(data, data, **settings),
        "GroupQueryAttention": lambda: layers.GroupQueryAttention(4, 4, 2)(data, data, **settings),
        "Attention": lambda: layers.Attention()([data, data], **settings),
        "AdditiveAttention": lambda: layers.AdditiveAttention()([data, data], **settings),
    }
    return keras.Model(data, made[kind]())


def padded_attention(kind, **settings):
    tokens = words()
    data = layers.Embedding(10, 4, mask_zero=True)(tokens)
    made = {
        "MultiHeadAttention": lambda: layers.MultiHeadAttention(2, 4)(data, data, **settings),
        "GroupQueryAttention": lambda: layers.GroupQueryAttention(4, 4, 2)(data, data, **settings),
        "Attention": lambda: layers.Attention()([data, data, data], **settings),
        "AdditiveAttention": lambda: layers.AdditiveAttention()([data, data], **settings),
    }
    return keras.Model(tokens, made[kind]())


def masked_attention(kind):
    data, mask = inputs((6, 4)), keras.Input((6, 6), dtype="bool")
    layer = {
        "MultiHeadAttention": layers.MultiHeadAttention(2, 4),
        "GroupQueryAttention": layers.GroupQueryAttention(4, 4, 2),
    }[kind]
    given = layer(data, data, attention_mask=mask, use_causal_mask=True)
    return keras.Model([data, mask], given)


def block_of_gpt(x, width=8):
    normal = layers.LayerNormalization()(x)
    x = layers.Add()([x, layers.MultiHeadAttention(2, 4)(normal, normal, use_causal_mask=True)])
    wide = layers.Dense(4 * width, "gelu")(layers.LayerNormalization()(x))
    return x + layers.Dense(width)(wide)


def gpt(place):
    """Places as a constant table, counted along the words, or as an input of their own."""
    tokens, own = words(), words()
    places = {
        "constant": lambda: ops.arange(6),
        "counted": lambda: ops.cumsum(ops.ones_like(tokens), axis=1) - 1,
        "input": lambda: own,
    }[place]()
    x = layers.Embedding(10, 8)(tokens) + layers.Embedding(6, 8)(places)
    x = layers.LayerNormalization()(block_of_gpt(block_of_gpt(x)))
    given = layers.Dense(10, "softmax")(x)
    return keras.Model([tokens, own] if place == "input" else tokens, given)


def tied_gpt():
    tokens, table = words(), layers.ReversibleEmbedding(10, 8)
    return keras.Model(tokens, table(block_of_gpt(table(tokens)), reverse=True))


def scaled_masked_words():
    """An operation hands no mask on, other than the layer that computes the same."""
    tokens = words()
    x = layers.Embedding(10, 4, mask_zero=True)(tokens) * 2.0
    return keras.Model(tokens, layers.LSTM(3)(ops.relu(x + x)))


def masked_words_joined():
    tokens = words()
    one = layers.Embedding(10, 4, mask_zero=True)(tokens)
    other = layers.Embedding(10, 4, mask_zero=True)(tokens)
    x = layers.Concatenate()([layers.Add()([one, other]), layers.Dense(3)(one)])
    return keras.Model(tokens, layers.LSTM(3)(x))


def masked_words_doubled():
    """A mask that is large if each use of a part of it is written out."""
    tokens = words()
    x = layers.Embedding(10, 4, mask_zero=True)(tokens)
    for _ in range(12):  # TensorFlow itself writes each use out
        x = layers.Add()([x, layers.Identity()(x)])
    return keras.Model(tokens, layers.LSTM(3)(layers.UnitNormalization()(x)))


def states(kind):
    past, data = inputs((5,), (4, 3))
    first, second = layers.Dense(3)(past), layers.Dense(3)(past)
    given = {
        "LSTM": lambda: layers.LSTM(3)(data, initial_state=[first, second]),
        "GRU": lambda: layers.GRU(3, return_sequences=True)(data, initial_state=first),
        "SimpleRNN": lambda: layers.SimpleRNN(3)(data, initial_state=[first]),
        "RNN": lambda: layers.RNN(layers.LSTMCell(3))(data, initial_state=[first, second]),
        "Bidirectional": lambda: layers.Bidirectional(layers.GRU(3))(
            data, initial_state=[first, second]
        ),
    }[kind]()
    return keras.Model([past, data], given)


def translator(layer, *, masked=False, attends=False):
    """An encoder whose state a decoder starts from."""
    made = {"LSTM": layers.LSTM, "GRU": layers.GRU}[layer]
    if masked:
        past, data = words(5), words(4)
        one, other = (layers.Embedding(9, 3, mask_zero=True)(tokens) for tokens in (past, data))
    else:
        past, data = one, other = inputs((5, 3), (4, 3))
    read, *state = made(3, return_state=True, return_sequences=attends)(one)
    written, *_ends = made(3, return_sequences=True, return_state=True)(other, initial_state=state)
    if attends:
        written = layers.Concatenate()([written, layers.Attention()([written, read])])
    return keras.Model([past, data], layers.Dense(2, name="end")(written))


def two_way_translator():
    past, data = inputs((5, 3), (4, 3))
    _, *state = layers.Bidirectional(layers.LSTM(3, return_state=True))(past)
    pairs = [layers.Concatenate()(state[place::2]) for place in (0, 1)]
    return keras.Model([past, data], layers.LSTM(6)(data, initial_state=pairs))


def scores():
    data = inputs((6, 4))
    given, weights = layers.MultiHeadAttention(2, 4)(data, data, return_attention_scores=True)
    most = layers.GlobalMaxPooling1D()(given)
    return keras.Model(data, layers.Concatenate()([most, layers.Flatten()(weights)]))


def written_on(data):
    _, *state = layers.LSTM(3, return_state=True)(data)
    return layers.LSTM(3)(data, initial_state=state)


ATTENTION = ("MultiHeadAttention", "GroupQueryAttention", "Attention", "AdditiveAttention")
CALLS = {
    **{f"causal {kind}": (attention, kind, {"use_causal_mask": True}) for kind in ATTENTION},
    **{f"padded {kind}": (padded_attention, kind) for kind in ATTENTION},
    **{
        f"padded causal {kind}": (padded_attention, kind, {"use_causal_mask": True})
        for kind in ATTENTION
    },
    **{f"masked {kind}": (masked_attention, kind) for kind in ATTENTION[:2]},
    **{f"GPT, places {place}": (gpt, place) for place in ("constant", "counted", "input")},
    "GPT, tied": (tied_gpt,),
    "LSTM translator": (translator, "LSTM"),
    "GRU translator": (translator, "GRU"),
    "masked translator": (translator, "LSTM", {"masked": True}),
    "translator that attends": (translator, "LSTM", {"attends": True}),
    "two-way translator": (two_way_translator,),
    "scores": (scores,),
    "scaled masked words": (scaled_masked_words,),
    "masked words joined": (masked_words_joined,),
    "masked words doubled": (masked_words_doubled,),
    **{
        f"{kind} with a state": (states, kind)
        for kind in ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional")
    },
}

COLOURS = np.array([0.1, 0.2, 0.3], "float32")


def _gated(data):
    x = layers.Dense(4)(data)
    return ops.where(x > 0, x, 0.1 * x)


def _hand_made_attention(data):
    query, key = layers.Dense(4)(data), layers.Dense(4)(data)
    scores = ops.matmul(query, ops.transpose(key, (0, 2, 1))) / 2.0
    return ops.matmul(ops.softmax(scores), key)


def _unit_length(data):
    x = layers.Dense(3)(data)
    return x / ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True))


OPERATIONS = {
    "x[:, 0, :]": lambda: on((5, 4), lambda x: layers.Dense(2)(layers.Dense(3)(x)[:, 0, :])),
    "x[:, -1]": lambda: on((5, 4), lambda x: layers.LSTM(3, return_sequences=True)(x)[:, -1]),
    "x[..., 1:3]": lambda: on((5, 4), lambda x: layers.Dense(4)(x)[..., 1:3]),
    "mean": lambda: on((5, 4), lambda x: ops.mean(layers.Dense(3)(x), axis=1)),
    "mean of two": lambda: on((5, 4, 3), lambda x: ops.mean(x, axis=(1, 2), keepdims=True)),
    "abs": lambda: on((4,), lambda x: ops.abs(layers.Dense(3)(x))),
    "reshape": lambda: on((6, 4), lambda x: ops.reshape(layers.Dense(4)(x), (-1, 12, 2))),
    "transpose": lambda: on((6, 4), lambda x: layers.Dense(2)(ops.transpose(x, (0, 2, 1)))),
    "where": lambda: on((4,), _gated),
    "matmul": lambda: on((6, 4), _hand_made_attention),
    "concatenate": lambda: on((4,), lambda x: ops.concatenate([layers.Dense(2)(x), x], axis=-1)),
    "unit length": lambda: on((4,), _unit_length),
    "normalize": lambda: on((4,), lambda x: ops.normalize(layers.Dense(3)(x), axis=-1)),
    "stack": lambda: on((5, 4), lambda x: ops.max(ops.stack([x, -x], axis=1), axis=1)),
    "squeeze": lambda: on(
        (5,), lambda x: ops.squeeze(layers.Conv1D(1, 2)(ops.expand_dims(x, -1)), -1)
    ),
    "log": lambda: on((4,), lambda x: ops.log(1.0 + ops.exp(layers.Dense(2)(x)))),
    "cast": lambda: on((4,), lambda x: layers.Dense(2)(ops.cast(x, "float32") / 255), "uint8"),
    "whole numbers": lambda: on((4,), lambda x: layers.Embedding(20, 3)(x * 2 + 1), "int32"),
    "power": lambda: on((4,), lambda x: layers.Dense(2)(x) ** 2),
    "named arguments": lambda: on((4,), lambda x: ops.subtract(x2=x, x1=layers.Dense(4)(x))),
    "flip": lambda: on(
        (5, 4), lambda x: ops.flip(ops.pad(ops.clip(x, 0.2, 0.5), ((0, 0), (1, 0), (0, 0))), 1)
    ),
    "gelu": lambda: on((4,), lambda x: ops.gelu(layers.Dense(2)(x))),
    "leaky_relu": lambda: on((4,), lambda x: ops.leaky_relu(x - 0.5, negative_slope=0.05)),
    "typed": lambda: on((4,), lambda x: ops.ones_like(x, dtype="float32") / 2, "int32"),
    "used twice": lambda: on((4,), lambda x: (y := ops.exp(x)) * layers.Dense(4)(y)),
    "colours": lambda: on((4, 4, 3), lambda x: layers.Conv2D(2, 3)((x - COLOURS) / COLOURS)),
    "signs": lambda: on((3,), lambda x: ops.subtract(COLOURS, layers.Dense(3)(x * -COLOURS))),
    "one number": lambda: on((3,), lambda x: layers.Dense(3)(x * np.float32(3))),
    "table": lambda: on((2, 3), lambda x: x + np.arange(6, dtype="float32").reshape(1, 2, 3)),
}


def _twice(x):
    given = layers.Dense(3)(x)
    return [given, given, layers.Dense(2)(given)]


def timed_pictures(model):
    data = keras.Input((5, 8, 8, 1))
    return keras.Model(data, layers.LSTM(2)(layers.TimeDistributed(model)(data)))


def chain_of_pictures():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(2, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )


def branched_pictures():
    data = keras.Input((8, 8, 1))
    one, other = (layers.Conv2D(2, 3, padding="same")(data) for _ in range(2))
    both = layers.Concatenate(axis=3)([layers.Add()([one, other]), data])
    return keras.Model(data, layers.GlobalAveragePooling2D()(both * 2.0))


def with_lora(*made, shape=(4,)):
    model = keras.Sequential([keras.Input(shape), *made])
    for layer in made:
        layer.enable_lora(2)
    return model


def layer_scale():
    from keras.src.applications.convnext import LayerScale, StochasticDepth

    data = keras.Input((4, 4, 3))
    return keras.Model(data, StochasticDepth(0.5)(LayerScale(0.1, 3)(data)))


def scaled_sum():
    from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    data = keras.Input((4,))
    return keras.Model(data, CustomScaleLayer(0.17)([data, layers.Dense(4)(data)]))


def typed(dtype, shape=(4,)):
    return keras.Sequential(
        [keras.Input(shape), layers.Dense(3, dtype=dtype), layers.Dense(2, dtype="float32")]
    )


LAYERS = {
    "an activation with a slope": lambda: on(
        (4,), lambda x: layers.Dense(3, activation=layers.LeakyReLU(0.1))(x)
    ),
    "an activation by its function": lambda: on(
        (4, 3), lambda x: layers.LSTM(3, activation=layers.LeakyReLU(0.2))(x)
    ),
    "an activation layer of a layer": lambda: on(
        (8, 8, 1), lambda x: layers.Activation(layers.ELU(0.5))(layers.Conv2D(2, 3)(x))
    ),
    "an output twice": lambda: on((4,), _twice),
    "a timed chain": lambda: timed_pictures(chain_of_pictures()),
    "timed branches": lambda: timed_pictures(branched_pictures()),
    "a chain timed twice": lambda: on(
        (2, 3, 4),
        lambda x: layers.TimeDistributed(layers.TimeDistributed(keras.Sequential([layers.Dense(2)])))(x),
    ),
    "LoRA": lambda: with_lora(layers.Embedding(10, 3), layers.EinsumDense("abc,cd->abd", (None, 2))),
    "LoRA of a convolution": lambda: with_lora(layers.Conv2D(3, 3), shape=(8, 8, 1)),
    "layer scale": layer_scale,
    "scaled sum": scaled_sum,
    "two axes": lambda: on((5, 6), lambda x: layers.LayerNormalization(axis=[1, 2])(x)),
    "two axes of softmax": lambda: on((5, 6), lambda x: layers.Softmax(axis=[1, 2])(x)),
    "float64": lambda: typed("float64"),
}  # fmt: skip
# Computed here in float32, which is more exact than the file says.
FEWER_BITS = {
    "float16": lambda: typed("float16"),
    "bfloat16": lambda: typed("bfloat16"),
    "mixed": lambda: typed("mixed_float16"),
}
