"""Networks as textbooks print them in Keras: the output shape and the parameters of each layer, by name."""

import os
import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True
os.environ["KERAS_BACKEND"] = "jax"

import math

import keras
from keras import layers, ops

from golden_json import write


def convolutional():
    drawing = {"activation": "relu", "kernel_initializer": "he_normal", "kernel_regularizer": keras.regularizers.L2(1e-4)}
    return keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            layers.Conv2D(32, 3, name="conv1", **drawing),
            layers.MaxPooling2D(2, name="pool1"),
            layers.Conv2D(64, 3, name="conv2", **drawing),
            layers.MaxPooling2D(2, name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.5, name="dropout"),
            layers.Dense(10, activation="softmax", name="classes"),
        ]
    )


def normalized():
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Activation("relu", name="relu"),
            layers.GlobalAveragePooling2D(name="pool"),
            layers.Dense(10, activation="softmax", name="classes"),
        ]
    )


def simple_recurrent():
    return keras.Sequential(
        [keras.Input((100, 10)), layers.SimpleRNN(64, name="rnn"), layers.Dense(10, activation="softmax", name="classes")]
    )


def attentive():
    x = keras.Input((16, 32))
    query, key, value = (layers.Dense(64, use_bias=False, name=name)(x) for name in ("query", "key", "value"))
    weights = ops.softmax(ops.matmul(query, ops.transpose(key, (0, 2, 1))) / 64**0.5)
    block = keras.Model(x, ops.matmul(weights, value), name="attention")
    pool = layers.GlobalAveragePooling1D(name="pool")
    return keras.Sequential([keras.Input((16, 32)), block, pool, layers.Dense(10, activation="softmax", name="classes")])


def size(weights):
    return sum(math.prod(w.shape) for w in weights)


def rows(model, path=""):
    for layer in model.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        yield {
            "path": path + layer.name,
            "output": [1, *layer.output.shape[1:]],
            "trainable": size(layer.trainable_weights),
            "nonTrainable": size(layer.non_trainable_weights),
        }
        if isinstance(layer, keras.Model):
            yield from rows(layer, f"{path}{layer.name}/")


def described(model):
    assert size(model.weights) == model.count_params()
    return {
        "input": [1, *model.input_shape[1:]],
        "output": [1, *model.output_shape[1:]],
        "trainable": size(model.trainable_weights),
        "nonTrainable": size(model.non_trainable_weights),
        "layers": list(rows(model)),
    }


models = {"convolutional": convolutional, "normalized": normalized, "simpleRecurrent": simple_recurrent, "attentive": attentive}
write(__file__, {"models": {name: described(make()) for name, make in models.items()}})
