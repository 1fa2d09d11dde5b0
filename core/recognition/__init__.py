"""A whole line read at once, without cuts: the second witness beside `core.grouping`.

    image.py        a line of writing -> one straightened picture, digits always equally high
    recognizer.py   that picture -> what each column says                                    [LiteRT]
    ctc.py          columns -> texts and their probabilities
    store.py        the shipped recognizer, true to its card or not used
    training.py     network, training and export                                             [TensorFlow]

It errs where digits have rare shapes; grouping errs where digits share a stroke. Both are weighed.
"""
