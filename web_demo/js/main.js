// Entry point: starts each part of the page.

import * as banner from "./banner.js";
import * as gallery from "./gallery/gallery.js";
import { byId } from "./lib/dom.js";
import * as feed from "./lib/feed.js";
import * as router from "./lib/router.js";
import * as stats from "./pipeline/stats.js";
import * as dropzone from "./upload/dropzone.js";
import * as recipePicker from "./upload/recipe-picker.js";
import * as uploadList from "./upload/upload-list.js";
import * as imageDialog from "./viewer/image-dialog.js";

banner.start(byId("banner"));
uploadList.start();
recipePicker.start(byId("recipe"), byId("recipe-hint"));
dropzone.start(recipePicker.selected);
gallery.start();
stats.start();
feed.start();
imageDialog.create();
router.start(imageDialog.show);
